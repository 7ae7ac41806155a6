"""Measurements that print ratios; `./portal bench` runs them on a PostgreSQL and a Redis of their own."""

"""对账: our rows behind a figure beside the city's list, the differences, and what is done about them."""

"""套表: superiors' blank Excel forms, filled from the ledger and the scorecards with their layout kept."""

"""Who said it: quotations, the clauses beside them, and the people they name."""

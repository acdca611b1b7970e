"""The history of the database's schema; each revision in `versions` goes one step on."""

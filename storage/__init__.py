"""Tables, sessions and all the SQL, for PostgreSQL and SQLite."""

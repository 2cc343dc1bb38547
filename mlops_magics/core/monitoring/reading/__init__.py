"""Reading tables from any library, file or database."""

"""Django's database backend of the web process."""

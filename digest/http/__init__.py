"""The one guarded HTTP client that everything reaches the web with."""

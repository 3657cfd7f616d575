"""Settings, secrets and plugins: what a user sets, checked once."""

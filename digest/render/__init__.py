"""Issue -> Draft: email, plain text and threads; pure."""

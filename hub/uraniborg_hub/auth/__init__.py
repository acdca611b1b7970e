"""Who may come in: one-time links on a laptop, any JupyterHub authenticator on a shared server."""

"""Todos: a small FastAPI application. It knows nothing of the gateway in front of it."""

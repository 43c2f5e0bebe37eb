"""Live figures through the real ASGI application, with real cookies and a real Valkey."""

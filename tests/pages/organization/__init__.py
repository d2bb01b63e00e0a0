"""The main user's console over HTTP, and the queries it rests on."""

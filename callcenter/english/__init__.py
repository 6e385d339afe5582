"""What the server says in Chinese, in English."""

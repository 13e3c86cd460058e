"""Opens foreign files. Runs only inside the sandbox's child; imports no Django."""

"""One sensor a file: gates for what must not run before the target has got far enough."""

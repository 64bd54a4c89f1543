"""The built site in Debian's Chromium: what a reader sees, copies, finds and downloads."""

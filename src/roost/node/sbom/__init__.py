"""The image's bill of materials: every package in it, written once while it is built."""

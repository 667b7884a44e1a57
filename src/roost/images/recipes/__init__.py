"""What the images are made of: Dockerfiles, and the files that go into them."""

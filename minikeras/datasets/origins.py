"""Generated from book/keras/fetching.ipynb. Edit the chapter, not this file."""

FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

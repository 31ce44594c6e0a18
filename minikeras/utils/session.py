"""Generated from book/keras/initializers.ipynb. Edit the chapter, not this file."""

from minikeras.core.names import reset_uids


def clear_session(free_memory=True):
    """Forget all automatic names; the next Dense is called 'dense' again.

    free_memory: accepted as in Keras; our objects go when nobody holds them.
    """
    reset_uids()

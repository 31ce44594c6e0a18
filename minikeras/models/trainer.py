"""Generated from book/keras/functional.ipynb. Edit the chapter, not this file."""


class Trainer:
    """The part of a model that trains: compile, fit, evaluate, predict."""

    compiled = False
    optimizer = None
    loss = None
    history = None
    stop_training = False
    run_eagerly = False
    jit_compile = False
    steps_per_execution = 1
    train_function = test_function = predict_function = None
    _compile_loss = _compile_metrics = _loss_tracker = None

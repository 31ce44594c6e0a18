"""The tools that turn chapters into the package. Run `python book/_tools --help`."""

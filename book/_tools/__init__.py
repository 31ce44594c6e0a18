"""The tools that turn the chapters into the package. Run `python book/_tools --help`."""

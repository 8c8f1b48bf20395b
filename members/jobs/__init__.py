"""What takes long: asked for on a page, made by a worker of its own under limits, told, and kept for a day.

`kinds.py`: what can be made, registered by the apps above. `asking.py`: who may ask, see and cancel. `running.py`: a
job's way from the queue to its end. `worker.py`: the process that goes it, each job in a child process. `results.py`:
the files.
"""

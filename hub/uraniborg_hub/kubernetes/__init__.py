"""Labs as pods: which pod, when it is ready, and why it is not."""

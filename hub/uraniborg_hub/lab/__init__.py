"""Labs as processes of this machine: how one is started, what it finds in its folder, how it ends."""

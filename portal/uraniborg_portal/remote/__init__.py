"""Other TAP services, queried by the portal for its users, with the same form, limits and views."""

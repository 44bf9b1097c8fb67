"""A todo service as the tutorials of Django and Django REST framework teach to write one."""

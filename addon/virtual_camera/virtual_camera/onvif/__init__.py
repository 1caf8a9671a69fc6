"""The camera's ONVIF services (Profile S: device, media, PTZ, imaging, events)."""

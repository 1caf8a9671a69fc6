"""An ONVIF night camera without hardware: a drawn bedroom that moves and fails on demand."""

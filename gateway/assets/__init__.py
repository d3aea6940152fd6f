"""Files of the reference page, served by ourselves; SOURCE.md says where they come from."""

SWAGGER_UI_VERSION = "5.35.0"

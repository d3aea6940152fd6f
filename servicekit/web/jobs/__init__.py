"""Jobs over the wire: asked for, followed, stopped, resumed; imports and exports."""

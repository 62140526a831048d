//! Reading a whole address that was pasted into the host field.

//! Messages with values in them.

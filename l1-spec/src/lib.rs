//! l1-spec

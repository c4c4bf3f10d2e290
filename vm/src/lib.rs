//! keshi-vm

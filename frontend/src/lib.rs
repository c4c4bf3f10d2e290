//! keshi-frontend

//! Connections that read, lent to one closure at a time.

use std::sync::{Condvar, Mutex, PoisonError};

/// Idle connections; who finds none waits.
pub(crate) struct Pool<C> {
    idle: Mutex<Vec<C>>,
    returned: Condvar,
}

impl<C> Pool<C> {
    pub(crate) const fn new(connections: Vec<C>) -> Self {
        Self { idle: Mutex::new(connections), returned: Condvar::new() }
    }

    pub(crate) fn take(&self) -> C {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(connection) = idle.pop() {
                return connection;
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn give_back(&self, connection: C) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.returned.notify_one();
    }
}

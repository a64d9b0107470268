//! Notices within five seconds that the device is gone, and seals.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use db::Db;
use kernel::Clock as _;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use tokio::runtime::Handle;

use crate::kernel_calls;
use crate::keys::Root;
use crate::log::{self, Line};
use crate::sealing::{self, Gate};

/// Between two looks at the device.
const EVERY: Duration = Duration::from_secs(1);
/// A device that does not answer for so long is gone.
const PATIENCE: Duration = Duration::from_secs(3);
/// What is being answered may end within this time.
const GRACE: Duration = Duration::from_millis(500);
/// The process ends by force after this time.
const FORCE: Duration = Duration::from_secs(2);

/// Looks at the device for as long as the process lives; does nothing where the root is in none. On
/// threads of its own, so that a module that hangs holds nobody else up.
pub(crate) fn watch(root: &Arc<Root>, gate: &Arc<Gate>, db: &Db) {
    if root.bits().is_some() {
        return;
    }
    let (tell, told) = channel();
    let (root, gate, db, runtime) =
        (Arc::clone(root), Arc::clone(gate), db.clone(), Handle::current());
    let looked_at = Arc::clone(&root);
    std::thread::spawn(move || look(&looked_at, &tell));
    std::thread::spawn(move || {
        let why = gone(&root, &told);
        gate.shut();
        tracing::error!(why, "ALARM: the device of the root is gone; the vault is sealed");
        runtime.spawn(async move {
            let now = SystemClock.now();
            let line = Line::new("vault.sealed", log::installation(), "clock", now, &OsRng);
            sealing::note(&db, line.purpose("token_missing")).await;
        });
        std::thread::sleep(GRACE);
        gate.end();
        std::thread::sleep(FORCE);
        kernel_calls::end_at_once(sealing::EXIT);
    });
}

/// Waits until the device is gone; says why it is. While it works for others a look waits its turn, and
/// is no silence.
fn gone(root: &Root, told: &Receiver<Result<(), String>>) -> String {
    let Root::Device(token) = root else { return "there is none".to_owned() };
    let mut answered = token.answered();
    loop {
        match told.recv_timeout(PATIENCE) {
            Ok(Ok(())) => {}
            Ok(Err(why)) => return why,
            Err(RecvTimeoutError::Timeout) if token.answered() != answered => {}
            Err(RecvTimeoutError::Timeout) => return "it does not answer".to_owned(),
            Err(RecvTimeoutError::Disconnected) => return "its module has failed".to_owned(),
        }
        answered = token.answered();
    }
}

fn look(root: &Root, tell: &Sender<Result<(), String>>) {
    let Root::Device(token) = root else { return };
    loop {
        let seen = token.probe().map_err(|error| error.to_string());
        if tell.send(seen).is_err() {
            return;
        }
        std::thread::sleep(EVERY);
    }
}

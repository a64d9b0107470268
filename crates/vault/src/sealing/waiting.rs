//! A vault without its root: it says how it is, and takes what opens it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use db::Db;
use kernel::rng::OsRng;
use kernel::time::SystemClock;
use kernel::{Clock as _, Timestamp};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use vault_wire::frame::{Answer, Request, VERSION};
use vault_wire::{
    Done, Figures, FiguresGet, Health, Healthy, Hello, Refused, RootForm, Seal, SealState,
    TokenFault, Unseal, UnsealPin, UnsealShare, Welcome,
};

use super::unsealing::{Gathering, ShareError, Taken, Whole};
use super::{Gate, custodians, is_marked, mark, note, refusal, unmark};
use crate::core::ToCore;
use crate::core::dispatch::{Outcome, answer, read, unspoken};
use crate::keys::keyring;
use crate::log::{self, Line, refused};
use crate::token::{self, Found, Pin, Way};
use crate::{Config, capture};

/// How often shares that have waited too long are looked for.
const TIDY_EVERY: Duration = Duration::from_secs(5);
/// How often the device of the root is looked for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A sealed vault.
pub(crate) struct Sealed {
    since: Timestamp,
    form: RootForm,
    data_dir: PathBuf,
    origin: String,
    missing: Vec<String>,
    db: Db,
    gate: Arc<Gate>,
    gathering: Gathering,
    root: Option<Found>,
    /// To the device that holds the root; nothing where the root is elsewhere.
    way: Option<Way>,
    fault: Option<TokenFault>,
    /// Somebody has sealed it, and nobody opened it since.
    by_hand: bool,
}

impl Sealed {
    pub(crate) fn new(
        config: &Config,
        (origin, missing): (String, Vec<String>),
        (db, gate): (Db, Arc<Gate>),
        way: Option<Way>,
    ) -> Self {
        Self {
            since: SystemClock.now(),
            form: config.root,
            data_dir: config.data_dir.clone(),
            origin,
            missing,
            db,
            gate,
            gathering: Gathering::default(),
            root: None,
            way,
            fault: None,
            by_hand: is_marked(&config.data_dir),
        }
    }

    /// Answers until the root is there; nothing when nobody can ask any more.
    pub(crate) async fn wait(mut self, messages: &mut mpsc::Receiver<ToCore>) -> Option<Found> {
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.root.is_none() {
            let message = tokio::select! {
                message = messages.recv() => message?,
                _ = tidy.tick() => {
                    self.gathering.tidy(SystemClock.now());
                    continue;
                }
                _ = look.tick(), if self.way.is_some() && !self.by_hand => {
                    let _ = self.try_device(None).await;
                    continue;
                }
            };
            // The edge sends nothing through a shut gate: whatever else comes is dropped, and its
            // asker hears that the vault does not answer.
            if let ToCore::Wire(request, reply) = message {
                let _ = reply.send(self.wire(*request).await);
            }
        }
        self.root
    }

    async fn wire(&mut self, request: Request) -> Answer {
        let Request { v, id, op, body, .. } = request;
        let outcome = if v == VERSION { self.operation(&op, body).await } else { Err(unspoken()) };
        Answer::of(id, outcome)
    }

    async fn operation(&mut self, op: &str, body: Value) -> Outcome {
        match op {
            "hello" => {
                let Hello { .. } = read(body)?;
                answer(&Welcome {
                    v: VERSION,
                    origin: self.origin.clone(),
                    sandbox_missing: self.missing.clone(),
                    sealed: Some(self.state()),
                })
            }
            "health" => {
                let Health {} = read(body)?;
                answer(&Healthy { status: "sealed".into() })
            }
            "figures.get" => {
                let FiguresGet {} = read(body)?;
                answer(&Figures { sealed: true, ..Figures::default() })
            }
            "seal" => {
                let Seal {} = read(body)?;
                answer(&self.stay_shut()?)
            }
            "unseal" => {
                let Unseal {} = read(body)?;
                answer(&self.begin_anew().await?)
            }
            "unseal.share" => {
                let UnsealShare { share } = read(body)?;
                self.share(&zeroize::Zeroizing::new(share)).await
            }
            "unseal.pin" => {
                let UnsealPin { pin } = read(body)?;
                answer(&self.typed(Pin::typed(zeroize::Zeroizing::new(pin))).await?)
            }
            _ => Err(refusal()),
        }
    }

    fn state(&self) -> SealState {
        let (given, needed, until) = self.gathering.state();
        let fault = self.fault;
        SealState { since: self.since, root: self.form, given, needed, until, fault }
    }

    /// One that waits for its device opens no more when the device comes.
    fn stay_shut(&mut self) -> Result<Done, Refused> {
        if self.form == RootForm::Token {
            mark(&self.data_dir).map_err(capture::internal)?;
            (self.by_hand, self.fault) = (true, None);
        }
        Ok(Done {})
    }

    /// The next start reads the file, of the root or of the PIN.
    async fn begin_anew(&mut self) -> Result<Done, Refused> {
        match (self.form, &self.way) {
            (RootForm::Shares, _) => {
                let why = "The root is in shares: each custodian runs guichet vault unseal.";
                return Err(Refused::new("share_needed", why));
            }
            (RootForm::Token, Some(way)) if !way.has_file() => {
                return Err(refused_by(TokenFault::PinNeeded));
            }
            (RootForm::File | RootForm::Token, _) => {}
        }
        if self.way.is_some() {
            token::forget_refusal(&self.data_dir).map_err(capture::internal)?;
        }
        unmark(&self.data_dir).map_err(capture::internal)?;
        // This process tries the PIN that it has read no more, and what was in the way is for the next
        // one to tell.
        (self.by_hand, self.fault) = (true, None);
        note(&self.db, self.line().details(json!({ "root": self.form }))).await;
        self.gate.end();
        Ok(Done {})
    }

    fn line(&self) -> Line {
        self.line_by("operator")
    }

    fn line_by(&self, by: &str) -> Line {
        Line::new("vault.unsealed", log::installation(), by, SystemClock.now(), &OsRng)
    }

    /// Somebody has typed the PIN of the device. After one that was refused the next one waits, so that
    /// whoever reaches the socket can neither guess the PIN nor lock the device.
    async fn typed(&mut self, pin: Pin) -> Result<Done, Refused> {
        match &self.way {
            None => {
                let why = "The root is in no device: no PIN opens it.";
                return Err(Refused::new("pin_not_needed", why));
            }
            Some(way) if way.has_file() => {
                let why = "The PIN is in a file: guichet vault unseal without one.";
                return Err(Refused::new("pin_not_needed", why));
            }
            Some(way) => {
                if let Some(seconds) = way.wait_seconds() {
                    let why = format!("A PIN was refused: the next one in {seconds} seconds.");
                    return Err(Refused::new("token_pin_wait", why).retry_after(seconds));
                }
            }
        }
        self.by_hand = false;
        let tried = self.try_device(Some(pin)).await;
        if let Err(fault @ TokenFault::PinRefused) = tried {
            note(&self.db, refused(self.line().purpose(fault.code()))).await;
        }
        tried.map(|()| Done {}).map_err(refused_by)
    }

    /// Looks for the device; one that opens the vault ends its being sealed by hand.
    async fn try_device(&mut self, typed: Option<Pin>) -> Result<(), TokenFault> {
        let Some(way) = self.way.take() else { return Err(TokenFault::Failing) };
        let by = if typed.is_some() { "operator" } else { "clock" };
        let Some((way, found)) = token::look(way, typed).await else {
            // Another process begins with a module of its own.
            self.gate.end();
            return Err(TokenFault::Failing);
        };
        self.way = Some(way);
        match found {
            Ok(found) => {
                if let Err(error) = unmark(&self.data_dir) {
                    tracing::error!(%error, "ALARM: the vault opens, its next start stays shut");
                }
                let line = self.line_by(by).details(json!({ "root": self.form }));
                note(&self.db, line).await;
                self.root = Some(found);
                Ok(())
            }
            Err(fault) => {
                if self.fault.replace(fault) != Some(fault) {
                    tracing::warn!(fault = fault.code(), "the vault stays sealed");
                }
                Err(fault)
            }
        }
    }

    async fn share(&mut self, text: &str) -> Outcome {
        if self.form != RootForm::Shares {
            let why = "The root is a file: guichet vault unseal asks for no share.";
            return Err(Refused::new("share_not_needed", why));
        }
        let taken = match self.gathering.give(text, SystemClock.now()) {
            Ok(Taken::More(told)) => return answer(&told),
            Ok(Taken::Whole(whole)) => self.proved(whole).await?,
            Err(error) => Err(error),
        };
        match taken {
            Ok(whole) => {
                let Whole { root, set, indexes, told } = whole;
                let who = json!({ "root": self.form, "check": set.check, "shares": indexes });
                note(&self.db, self.line().details(who)).await;
                self.root = Some(Found::own(root));
                answer(&told)
            }
            Err(error) => {
                note(&self.db, refused(self.line().purpose(error.code()))).await;
                Err(Refused::new(error.code(), error.to_string()))
            }
        }
    }

    /// The root is this vault's: its keyring opens, or, where there is none yet, it is the one whose
    /// shares were all taken last.
    async fn proved(&self, whole: Whole) -> Result<Result<Whole, ShareError>, Refused> {
        let is_ours = if keyring::is_there(&self.data_dir) {
            keyring::opens(&self.data_dir, &whole.root).map_err(capture::internal)?
        } else {
            let Whole { root, set, .. } = &whole;
            custodians::prove(&self.db, set, root).await.map_err(capture::internal)?
        };
        Ok(if is_ours { Ok(whole) } else { Err(ShareError::SetWrong) })
    }
}

/// Why the device does not open the vault.
fn refused_by(fault: TokenFault) -> Refused {
    Refused::new(fault.code(), fault.cure())
}

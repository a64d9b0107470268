//! The paper bank behind real sockets: a Unix socket for the vault, HTTP for the bank.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connectors::{Method, Reply};
use kernel::CardToken;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, UnixListener, UnixStream};
use vault_wire::frame::{self, Answer, Refused, Request};
use vault_wire::{RelayCode, Relayed};

use super::bank::Bank;

/// Servers that end with the test.
pub(crate) struct Servers {
    pub(crate) bank: Arc<Mutex<Bank>>,
    /// Address of the bank.
    pub(crate) url: String,
    /// Socket of the vault.
    pub(crate) socket: PathBuf,
    /// A card the vault knows.
    pub(crate) card: CardToken,
    _folder: tempfile::TempDir,
}

impl Servers {
    pub(crate) async fn start() -> Self {
        let bank: Arc<Mutex<Bank>> = Arc::default();
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("vault.sock");
        let card = CardToken::random(&kernel::rng::OsRng);
        let listener = UnixListener::bind(&socket).unwrap();
        tokio::spawn(serve_vault(listener, Arc::clone(&bank), card));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        bank.lock().unwrap().origin.clone_from(&url);
        tokio::spawn(serve_bank(listener, Arc::clone(&bank)));
        Self { bank, url, socket, card, _folder: folder }
    }
}

async fn serve_bank(listener: TcpListener, bank: Arc<Mutex<Bank>>) {
    let answer = move |method: axum::http::Method, uri: Uri, body: Bytes| {
        let bank = Arc::clone(&bank);
        async move {
            let body = serde_json::from_slice(&body).unwrap_or_default();
            let method = if method == "GET" { Method::Get } else { Method::Post };
            let silent = bank.lock().unwrap().silent_next();
            let reply = bank.lock().unwrap().plain(method, &uri.to_string(), &body);
            if silent {
                tokio::time::sleep(Duration::from_secs(60)).await;
            }
            (StatusCode::from_u16(reply.status).unwrap(), reply.body)
        }
    };
    axum::serve(listener, axum::Router::new().fallback(answer)).await.unwrap();
}

async fn serve_vault(listener: UnixListener, bank: Arc<Mutex<Bank>>, card: CardToken) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(serve_connection(stream, Arc::clone(&bank), card));
    }
}

async fn serve_connection(mut stream: UnixStream, bank: Arc<Mutex<Bank>>, card: CardToken) {
    while let Ok(Some(request)) = frame::read::<Request>(&mut stream).await {
        let answer = match request.op.as_str() {
            "relay.call" => relay(&bank, &request.body),
            "card.get" if request.body["card"] == json!(card) => Ok(known(card)),
            "card_settings.get" => Ok(settings()),
            "capture.redeem" => Ok(redeemed(&bank, card)),
            _ => Err(Refused::new("not_found", "No such card.")),
        };
        let (ok, err) = match answer {
            Ok(ok) => (Some(ok), None),
            Err(err) => (None, Some(err)),
        };
        let answer = Answer { id: request.id, ok, err };
        stream.write_all(&frame::encode(&answer).unwrap()).await.unwrap();
    }
}

fn settings() -> Value {
    json!({
        "settings": {
            "accept_cards": true, "brands": ["cb", "visa", "mastercard"], "retention_days": 3,
            "cancel_retention_days": 3, "view_code_once": null, "show_seconds": 60,
            "max_per_card": 10, "frame_origins": [],
        },
        "version": 0, "storage": "on", "activated_at": null,
    })
}

fn redeemed(bank: &Mutex<Bank>, card: CardToken) -> Value {
    let brought = match bank.lock().unwrap().other.take() {
        Some(other) => {
            let mut brought = known(other);
            brought["last4"] = json!("0815");
            brought
        }
        None => known(card),
    };
    json!({
        "card": brought, "save": false, "keep": "none",
        "email": "anne@example.org", "lang": "en", "consent_sha256": null,
        "at": "2026-11-23T09:00:00Z",
    })
}

fn relay(bank: &Mutex<Bank>, body: &Value) -> Result<Value, Refused> {
    let mut bank = bank.lock().unwrap();
    if let Some(code) = bank.not_lent.take() {
        return Err(Refused::new(code, "Nothing was sent."));
    }
    if body["template"] != "sandbox.authenticate" {
        bank.codes.push(body["use_code"] == true);
    }
    let silent = bank.silent_next();
    let Reply { status, body } = bank.card(body["template"].as_str().unwrap(), &body["args"]);
    if silent {
        return Err(Refused::new("relay_unknown", "Sent, no answer."));
    }
    let relayed = Relayed {
        attempt: "1".into(),
        sent: true,
        http_status: status,
        headers: BTreeMap::new(),
        body_b64: STANDARD.encode(body),
        code: RelayCode::None,
        ms: 1,
    };
    Ok(serde_json::to_value(relayed).unwrap())
}

fn known(card: CardToken) -> Value {
    json!({
        "token": card, "cardVirtual": false, "status": "active", "missing_reason": null,
        "brand": "cb", "co_brands": ["visa"], "preferred_brand": "cb", "bin": "49701000",
        "last4": "0154", "masked": "******0154", "exp_month": 3, "exp_year": 2029,
        "holder_initials": "A.", "fingerprint": "fp_x", "funding": "debit", "product": null,
        "commercial": null, "issuer": {"name": null, "country": "FR"}, "entry": "page",
        "channel": null, "received_at": "2026-11-23T09:00:00Z",
        "verification": {"status": "unverified", "method": null, "at": null,
            "decline_code": null},
        "security_code": {"status": "transit", "actor": null, "at": null,
            "destroyed_because": null, "receipt": null},
        "virtual": null, "consumption": [], "reveals": {"count": 0, "max": 10, "last_at": null},
        "purge_at": null, "single_use": false, "version": 1,
    })
}

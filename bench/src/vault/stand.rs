//! A vault of its own, and a bank that says yes at once.

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use kernel::rng::OsRng;
use kernel::{MerchantId, Mode, ShopId};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use vault_wire::{Brand, Operation, ShopLook, ShopPut, VaultClient, VaultKey, WireScope};

use super::Settings;
use crate::Outcome;
use crate::machine;
use crate::program::program;
use crate::wire::Wire;

/// The process whose time is told.
pub(super) const PART: &str = "vault";
/// A test number of the table that the product has built in, as a page shows it.
pub(super) const NUMBER: &str = "4970 1000 0000 0154";
const START: Duration = Duration::from_secs(20);

/// A running vault with one shop; ends with this value.
pub(super) struct Stand {
    child: Child,
    client: VaultClient,
    /// The shop whose cards are stored and used.
    pub(super) scope: WireScope,
    /// Where its pages are.
    pub(super) origin: String,
    _folder: TempDir,
}

impl Stand {
    /// Starts vault and bank, and tells the vault of its shop.
    pub(super) async fn start(settings: &Settings) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("vault-").tempdir_in(&settings.folder)?;
        let place = folder.path().canonicalize()?;
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let bank = at(settings.port.checked_add(1).ok_or("--port is too high")?);
        say_yes(TcpListener::bind(bank).await?);
        let config = place.join("guichet.toml");
        fs::write(&config, configuration(&place, (at(settings.port), bank), settings)?)?;
        let mut command = Command::new(program()?);
        command.arg("vault").arg("--config").arg(config).arg("--supervised");
        // It ends when its input does, however this process ends.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit());
        let child = command.env("RUST_LOG", "error").spawn()?;
        let client = VaultClient::connect(place.join("vault.sock"));
        let scope = WireScope::of_house(MerchantId::random(&OsRng), ShopId::random(&OsRng));
        let origin = format!("http://{}", at(settings.port));
        let stand = Self { child, client, scope, origin, _folder: folder };
        let began = Instant::now();
        while stand.ask(&stand.scope, &shop(&stand.scope)).await.is_err() {
            if began.elapsed() > START {
                return Err("the vault did not start: is the database empty?".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(stand)
    }

    /// The client of the app's socket.
    pub(super) fn client(&self) -> VaultClient {
        self.client.clone()
    }

    /// Asks over the app's socket.
    pub(super) async fn ask<O: Operation>(
        &self,
        scope: &WireScope,
        question: &O,
    ) -> Outcome<O::Answer> {
        Ok(self.client.ask(scope, question).await?)
    }

    /// A connection to its own origin, with the key of a shop.
    pub(super) async fn wire(&self, scope: &WireScope) -> Outcome<Wire> {
        Wire::open(&self.origin, &key(scope)).await
    }

    /// A shop of another merchant.
    pub(super) async fn new_shop(&self) -> Outcome<WireScope> {
        let scope = WireScope::of_house(MerchantId::random(&OsRng), ShopId::random(&OsRng));
        self.ask(&scope, &shop(&scope)).await?;
        Ok(scope)
    }

    /// The path of an address of its origin.
    pub(super) fn path_of(&self, url: &str) -> Outcome<String> {
        Ok(url.strip_prefix(&self.origin).ok_or("not an address of the vault")?.to_owned())
    }

    /// Processor time that the vault used so far.
    pub(super) fn used(&self) -> Vec<(&'static str, u64)> {
        vec![(PART, machine::micros_of(self.child.id().into()))]
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Stores a card of a shop by the vault's API. Gives its token.
pub(super) async fn store(wire: &mut Wire, scope: &WireScope, name: &str) -> Outcome<String> {
    let body = json!({
        "shop": scope.shop,
        "booking": name,
        "card": { "number": NUMBER.replace(' ', ""), "exp_month": 3, "exp_year": 2035 },
    });
    let (status, answer) = wire.send(Method::POST, "/v1/cards", Some(&body), name).await?;
    match answer["token"].as_str() {
        Some(token) if status == 201 => Ok(token.to_owned()),
        _ => Err(format!("the vault took no card: {status} {answer}").into()),
    }
}

fn shop(scope: &WireScope) -> ShopPut {
    ShopPut {
        merchant: scope.merchant,
        shop: scope.shop,
        mode: Mode::Test,
        zone: "Europe/Paris".into(),
        name: "Hôtel des Tuffeaux".into(),
        brands: vec![Brand::Cb, Brand::Visa, Brand::Mastercard],
        origins: Vec::new(),
        retention_days: 3,
        cancel_retention_days: 1,
        vault_keys: vec![VaultKey { hash: key_hash(scope), ips: vec!["127.0.0.0/8".into()] }],
        look: ShopLook::default(),
    }
}

/// The key of a shop to the vault's API: nobody else is on this machine's loopback.
fn key(scope: &WireScope) -> String {
    format!("vk_test_{}", scope.shop.to_string().trim_start_matches("shop_"))
}

fn key_hash(scope: &WireScope) -> String {
    let hash = digest(&SHA256, key(scope).as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The configuration of a vault alone: the app is named and never started.
fn configuration(
    place: &Path,
    (vault, bank): (SocketAddr, SocketAddr),
    settings: &Settings,
) -> Outcome<String> {
    let path = |name: &str| place.join(name).to_str().map(str::to_owned).ok_or("no path in UTF-8");
    let mut own = json!({
        "listen": vault,
        "public_url": format!("http://{vault}"),
        "app_origin": "http://127.0.0.1:7700",
        "data_dir": path("vault")?,
        "socket": path("vault.sock")?,
        "root_file": path("root.key")?,
        "sandbox_addr": bank,
        "demo": true,
    });
    if let Some(url) = &settings.database {
        own["database"] = url.clone().into();
    }
    let app = json!({
        "listen": "127.0.0.1:7700",
        "public_url": "http://127.0.0.1:7700",
        "database": path("app.db")?,
        "key_file": path("app.key")?,
    });
    Ok(toml::to_string(&json!({ "app": app, "vault": own }))?)
}

/// Approves everything it is asked, and keeps nothing.
fn say_yes(listener: TcpListener) {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answers =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(yes));
            tokio::spawn(answers);
        }
    });
}

async fn yes(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    let mut answer = Response::new(Full::new(Bytes::from_static(br#"{"outcome":"approved"}"#)));
    let kind = hyper::header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    Ok(answer)
}

/// The engine of the vault's tables with the settings that its durability rests on.
pub(super) async fn engine(database: Option<&str>) -> Outcome<String> {
    let Some(url) = database else {
        return Ok(format!("SQLite {}, WAL, synchronous FULL", rusqlite::version()));
    };
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let mut told = Vec::new();
    for setting in ["server_version", "fsync", "synchronous_commit"] {
        let row = client.query_one(&format!("SHOW {setting}"), &[]).await?;
        told.push(format!("{setting} {}", row.get::<_, String>(0)));
    }
    Ok(format!("PostgreSQL, {}", told.join(", ")))
}

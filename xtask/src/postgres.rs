//! A PostgreSQL server for one run of the tests, on the loopback network and gone afterwards.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::setup;

/// Tells the tests where they may make schemas.
pub(crate) const VARIABLE: &str = "GUICHET_TEST_POSTGRES";
/// Names the file with the certificate that the server shows.
pub(crate) const AUTHORITY_VARIABLE: &str = "GUICHET_TEST_POSTGRES_AUTHORITY";

/// Connections of all test processes together.
const CONNECTIONS: u32 = 400;

/// A running server; it ends with this value.
pub(crate) struct Server {
    folder: PathBuf,
    control: PathBuf,
    /// Its address; it answers in the clear and with TLS.
    pub(crate) url: String,
    /// Its certificate, signed by itself.
    pub(crate) certificate: PathBuf,
}

impl Server {
    /// Installs what is missing and starts a server with an empty cluster. A server that the
    /// environment names already is left alone by not calling this.
    ///
    /// # Errors
    /// A sentence naming the step that failed.
    pub(crate) fn start() -> Result<Self, String> {
        let programs = setup::postgres()?;
        let port = free_port()?;
        let folder = std::env::temp_dir().join(format!("guichet-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let server = Self {
            url: format!("postgres://guichet@127.0.0.1:{port}/postgres"),
            control: programs.join("pg_ctl"),
            certificate: folder.join("data/server.crt"),
            folder,
        };
        if is_root() {
            quiet(Command::new("chown").arg("postgres").arg(&server.folder))?;
        }
        let data = server.folder.join("data");
        let mut init = unprivileged(&programs.join("initdb"));
        init.args(["-A", "trust", "-U", "guichet", "--locale=C.UTF-8", "-E", "UTF8", "-N", "-D"]);
        quiet(init.arg(&data))?;
        server.make_certificate(&data.join("server.key"))?;
        // The disk is not what these tests are about; everything else is as in service.
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' \
             -c max_connections={CONNECTIONS} -c fsync=off -c ssl=on"
        );
        let mut start = unprivileged(&server.control);
        start.arg("-D").arg(&data).arg("-l").arg(server.folder.join("log"));
        quiet(start.args(["-w", "-o", &options, "start"]))?;
        Ok(server)
    }

    /// With the program that the server's package needs itself.
    fn make_certificate(&self, key: &Path) -> Result<(), String> {
        let mut make = unprivileged(Path::new("openssl"));
        make.args(["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=guichet-test"]);
        make.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
        make.args(["-addext", "subjectAltName=IP:127.0.0.1"]);
        make.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
        quiet(make.arg("-keyout").arg(key).arg("-out").arg(&self.certificate))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = unprivileged(&self.control);
        stop.arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "stop"]);
        if let Err(error) = quiet(&mut stop) {
            println!("{error}");
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The server refuses to run as root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn quiet(command: &mut Command) -> Result<(), String> {
    // A server keeps the streams that it inherits: its starter must not wait for their end.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.current_dir(std::env::temp_dir());
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}

fn free_port() -> Result<u16, String> {
    let probe = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    probe.local_addr().map(|address| address.port()).map_err(|e| e.to_string())
}

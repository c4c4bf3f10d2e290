//! The getXXX family: users, groups, hosts, networks, protocols, services.

use super::io::{bytes_of, list, resolved};
use crate::Vm;
use crate::exc::R;
use keshi_io::netdb::{self, Database};
use keshi_io::users::{self, Group, Passwd};
use keshi_value::Val;

/// What a lookup found: the list form, and which element the scalar form gives.
struct Found {
    fields: Vec<Val>,
    scalar: Val,
}

/// A query's outcome.
enum Answer {
    Entry(Option<Found>),
    /// `setpwent` and its like.
    Done,
}

fn words(v: &[Vec<u8>]) -> Val {
    Val::bytes(v.join(&b' '))
}

fn passwd(p: Passwd, by_name: bool) -> Found {
    let (name, uid) = (Val::bytes(&p.name), Val::int(p.uid.into()));
    let scalar = if by_name { uid.clone() } else { name.clone() };
    let fields = vec![
        name,
        Val::bytes(&p.passwd),
        uid,
        Val::int(p.gid.into()),
        Val::bytes(""),
        Val::bytes(""),
        Val::bytes(&p.gecos),
        Val::bytes(&p.dir),
        Val::bytes(&p.shell),
    ];
    Found { fields, scalar }
}

fn group(g: Group, by_name: bool) -> Found {
    let (name, gid) = (Val::bytes(&g.name), Val::int(g.gid.into()));
    let scalar = if by_name { gid.clone() } else { name.clone() };
    Found { fields: vec![name, Val::bytes(&g.passwd), gid, words(&g.members)], scalar }
}

fn host(h: netdb::Host, by_name: bool) -> Found {
    let name = Val::bytes(&h.name);
    let first = h.addrs.first().map_or(Val::undef(), Val::bytes);
    let mut fields =
        vec![name.clone(), words(&h.aliases), Val::int(h.addrtype.into()), Val::int(h.length.into())];
    fields.extend(h.addrs.iter().map(Val::bytes));
    Found { fields, scalar: if by_name { first } else { name } }
}

fn net(n: netdb::Net, by_name: bool) -> Found {
    let (name, number) = (Val::bytes(&n.name), Val::int(n.net.into()));
    let scalar = if by_name { number.clone() } else { name.clone() };
    Found { fields: vec![name, words(&n.aliases), Val::int(n.addrtype.into()), number], scalar }
}

fn proto(p: netdb::Proto, by_name: bool) -> Found {
    let (name, number) = (Val::bytes(&p.name), Val::int(p.number.into()));
    let scalar = if by_name { number.clone() } else { name.clone() };
    Found { fields: vec![name, words(&p.aliases), number], scalar }
}

fn service(s: netdb::Service, by_name: bool) -> Found {
    let (name, port) = (Val::bytes(&s.name), Val::int(s.port.into()));
    let scalar = if by_name { port.clone() } else { name.clone() };
    Found { fields: vec![name, words(&s.aliases), port, Val::bytes(&s.proto)], scalar }
}

fn query(vm: &mut Vm, l: &Val, which: u32) -> R<Answer> {
    let name = String::from_utf8_lossy(&vm.frame().linked.chunk.syms[which as usize].name).into_owned();
    let a = resolved(vm, l)?;
    let arg = |i: usize| a.get(i).cloned().unwrap_or_default();
    let database = |n: &str| match n {
        n if n.contains("host") => Database::Hosts,
        n if n.contains("net") => Database::Nets,
        n if n.contains("proto") => Database::Protos,
        _ => Database::Services,
    };
    // A failed host lookup leaves the resolver's code in `$?`.
    fn hosts(vm: &mut Vm, r: Result<netdb::Host, i32>, by_name: bool) -> Option<Found> {
        match r {
            Ok(h) => Some(host(h, by_name)),
            Err(code) => {
                super::system::set_status(vm, code as i64);
                None
            }
        }
    }
    let entry = match name.as_str() {
        "getpwnam" => users::getpwnam(&bytes_of(vm, &arg(0))?).map(|p| passwd(p, true)),
        "getpwuid" => users::getpwuid(vm.to_iv(&arg(0))? as u32).map(|p| passwd(p, false)),
        "getpwent" => users::getpwent().map(|p| passwd(p, false)),
        "getgrnam" => users::getgrnam(&bytes_of(vm, &arg(0))?).map(|g| group(g, true)),
        "getgrgid" => users::getgrgid(vm.to_iv(&arg(0))? as u32).map(|g| group(g, false)),
        "getgrent" => users::getgrent().map(|g| group(g, false)),
        "gethostbyname" => {
            let r = netdb::host_by_name(&bytes_of(vm, &arg(0))?);
            hosts(vm, r, true)
        }
        "gethostbyaddr" => {
            let r = netdb::host_by_addr(&vm.octets_of(&arg(0), "gethostbyaddr")?, vm.to_iv(&arg(1))? as i32);
            hosts(vm, r, false)
        }
        "gethostent" => netdb::next_host().map(|h| host(h, false)),
        "getnetbyname" => netdb::net_by_name(&bytes_of(vm, &arg(0))?).map(|n| net(n, true)),
        "getnetbyaddr" => {
            netdb::net_by_addr(vm.to_iv(&arg(0))? as u32, vm.to_iv(&arg(1))? as i32).map(|n| net(n, false))
        }
        "getnetent" => netdb::next_net().map(|n| net(n, false)),
        "getprotobyname" => netdb::proto_by_name(&bytes_of(vm, &arg(0))?).map(|p| proto(p, true)),
        "getprotobynumber" => netdb::proto_by_number(vm.to_iv(&arg(0))? as i32).map(|p| proto(p, false)),
        "getprotoent" => netdb::next_proto().map(|p| proto(p, false)),
        "getservbyname" => {
            let (n, p) = (bytes_of(vm, &arg(0))?, bytes_of(vm, &arg(1))?);
            netdb::service_by_name(&n, &p).map(|s| service(s, true))
        }
        "getservbyport" => {
            let (n, p) = (vm.to_iv(&arg(0))?, bytes_of(vm, &arg(1))?);
            netdb::service_by_port(n as u16, &p).map(|s| service(s, false))
        }
        "getservent" => netdb::next_service().map(|s| service(s, false)),
        other => {
            match other {
                "setpwent" => users::setpwent(),
                "endpwent" => users::endpwent(),
                "setgrent" => users::setgrent(),
                "endgrent" => users::endgrent(),
                n if n.starts_with("set") => netdb::rewind(database(n), vm.truth(&arg(0))?),
                n if n.starts_with("end") => netdb::end(database(n)),
                n => return Err(vm.unimplemented(n)),
            }
            return Ok(Answer::Done);
        }
    };
    Ok(Answer::Entry(entry))
}

/// `rt.sysdb.l`
pub fn sysdb_list(vm: &mut Vm, b: &Val, which: u32) -> R<Val> {
    Ok(list(match query(vm, b, which)? {
        Answer::Entry(e) => e.map_or(Vec::new(), |f| f.fields),
        Answer::Done => vec![Val::bool(true)],
    }))
}

/// `rt.sysdb`
pub fn sysdb_scalar(vm: &mut Vm, b: &Val, which: u32) -> R<Val> {
    Ok(match query(vm, b, which)? {
        Answer::Entry(e) => e.map_or(Val::undef(), |f| f.scalar),
        Answer::Done => Val::bool(true),
    })
}

/// `rt.getlogin`
pub fn getlogin(_vm: &mut Vm) -> R<Val> {
    Ok(users::getlogin().map_or(Val::undef(), Val::bytes))
}

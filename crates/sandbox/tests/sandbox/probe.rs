//! A program that attacks from inside a step: this test program again, with the libraries it is linked to.
//!
//! Each attack prints one line: its name and the error it met, or `done`.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// The argument that makes this program the probe.
pub(crate) const PROBE: &str = "--probe";

/// Where it is inside.
pub(crate) const PATH: &str = "/probe/probe";

/// Puts the probe and its libraries into a layer.
pub(crate) fn fill_layer(folder: &Path) {
    let place = folder.join("probe");
    fs::create_dir_all(&place).expect("a folder");
    fs::copy("/proc/self/exe", place.join("probe")).expect("the program is copied");
    let maps = fs::read_to_string("/proc/self/maps").expect("maps are readable");
    for library in maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
    {
        if library.contains(".so") {
            copy_to(folder, Path::new(library));
        }
    }
    // The interpreter that the program names, which is a link on most systems.
    for loader in ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"] {
        if Path::new(loader).exists() {
            copy_to(folder, Path::new(loader));
        }
    }
}

fn copy_to(folder: &Path, file: &Path) {
    let target: PathBuf = folder.join(file.strip_prefix("/").expect("an absolute path"));
    fs::create_dir_all(target.parent().expect("a parent")).expect("a folder");
    if !target.exists() {
        fs::copy(file, target).expect("a library is copied");
    }
}

/// Runs the attacks that are named.
pub(crate) fn run(names: &[String]) {
    for name in names {
        let result = attack(name);
        let word = match result {
            Ok(()) => "done".to_owned(),
            Err(error) => match error.raw_os_error() {
                Some(libc::EPERM) => "EPERM".to_owned(),
                Some(libc::ENOSYS) => "ENOSYS".to_owned(),
                Some(libc::EACCES) => "EACCES".to_owned(),
                Some(libc::EROFS) => "EROFS".to_owned(),
                Some(libc::ETXTBSY) => "ETXTBSY".to_owned(),
                _ => error.to_string(),
            },
        };
        println!("{name} {word}");
    }
}

fn call(number: libc::c_long, arguments: [usize; 5]) -> io::Result<libc::c_long> {
    let [a, b, c, d, e] = arguments;
    // SAFETY: every caller passes numbers, null pointers, or pointers to live memory of the size the call expects.
    let result = unsafe { libc::syscall(number, a, b, c, d, e) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

fn numbers(number: libc::c_long, arguments: [usize; 5]) -> io::Result<()> {
    call(number, arguments).map(|_| ())
}

fn attack(name: &str) -> io::Result<()> {
    if let Some(address) = name.strip_prefix("greet=") {
        return hear_greeting(address);
    }
    let family = |family: i32, kind: i32| {
        numbers(libc::SYS_socket, [family as usize, kind as usize, 0, 0, 0])
    };
    match name {
        "af_alg" => family(libc::AF_ALG, libc::SOCK_SEQPACKET),
        "af_vsock" => family(libc::AF_VSOCK, libc::SOCK_STREAM),
        "af_packet" => family(libc::AF_PACKET, libc::SOCK_RAW),
        "af_xdp" => family(libc::AF_XDP, libc::SOCK_RAW),
        // The kernel looks at the low half only.
        "af_vsock_high" => numbers(
            libc::SYS_socket,
            [
                1 << 32 | libc::AF_VSOCK as usize,
                libc::SOCK_STREAM as usize,
                0,
                0,
                0,
            ],
        ),
        "af_inet" => family(libc::AF_INET, libc::SOCK_STREAM),
        "bpf" => numbers(libc::SYS_bpf, [0, [0_u64; 16].as_ptr() as usize, 128, 0, 0]),
        "io_uring_setup" => {
            let mut parameters = [0_u64; 16];
            numbers(
                libc::SYS_io_uring_setup,
                [1, parameters.as_mut_ptr() as usize, 0, 0, 0],
            )
        }
        "userfaultfd" => numbers(libc::SYS_userfaultfd, [1, 0, 0, 0, 0]),
        "keyctl" => numbers(libc::SYS_keyctl, [0, usize::MAX - 2, 1, 0, 0]),
        "perf_event_open" => {
            let mut attributes = [0_u64; 16];
            attributes[0] = 1 | 128 << 32;
            attributes[5] = 0b1100011;
            numbers(
                libc::SYS_perf_event_open,
                [attributes.as_ptr() as usize, 0, usize::MAX, usize::MAX, 0],
            )
        }
        "unshare_newuser" => numbers(
            libc::SYS_unshare,
            [libc::CLONE_NEWUSER as usize, 0, 0, 0, 0],
        ),
        "clone_newuser" => fork_with((libc::CLONE_NEWUSER | libc::SIGCHLD) as usize),
        "clone_plain" => fork_with(libc::SIGCHLD as usize),
        "clone3" => numbers(libc::SYS_clone3, [0, 0, 0, 0, 0]),
        "mount" => numbers(
            libc::SYS_mount,
            [
                c"none".as_ptr() as usize,
                c"/tmp".as_ptr() as usize,
                c"tmpfs".as_ptr() as usize,
                0,
                0,
            ],
        ),
        "fsopen" => numbers(libc::SYS_fsopen, [c"tmpfs".as_ptr() as usize, 0, 0, 0, 0]),
        "setns" => {
            let namespace = fs::File::open("/proc/self/ns/uts")?;
            numbers(
                libc::SYS_setns,
                [namespace.as_raw_fd() as usize, 0, 0, 0, 0],
            )
        }
        "open_by_handle_at" => open_by_handle(),
        "ptrace" => numbers(
            libc::SYS_ptrace,
            [libc::PTRACE_TRACEME as usize, 0, 0, 0, 0],
        ),
        "socketcall32" => socketcall32(),
        "hold_program" => hold_program(),
        "change_program" => change_program(),
        "write_sysctl" => fs::write("/proc/sys/kernel/hostname", "taken"),
        "read_kcore" => {
            use std::io::Read;
            let mut first = [0; 4];
            fs::File::open("/proc/kcore")?.read_exact(&mut first)
        }
        "ask_agent" => ask_agent(),
        "list_descriptors" => {
            let mut numbers: Vec<i32> = fs::read_dir("/proc/self/fd")?
                .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
                .collect();
            numbers.sort_unstable();
            // The last one is the folder's own.
            numbers.pop();
            println!("descriptors {numbers:?}");
            Ok(())
        }
        other => Err(io::Error::other(format!(
            "there is no attack called {other}"
        ))),
    }
}

/// Connects, and passes on what the other side says first.
fn hear_greeting(address: &str) -> io::Result<()> {
    use std::io::Read;
    let patience = std::time::Duration::from_secs(3);
    let address = address.parse().map_err(io::Error::other)?;
    let mut stream = std::net::TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    let mut words = [0; 64];
    let length = stream.read(&mut words)?;
    print!("{}", String::from_utf8_lossy(&words[..length]));
    if length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn ask_agent() -> io::Result<()> {
    use std::io::{Read, Write};
    use std::os::unix::fs::MetadataExt;
    let path = "/run/buildkit/ssh_agent.0";
    let data = fs::metadata(path)?;
    println!("socket {:o} {}", data.mode() & 0o7777, data.uid());
    let mut agent = std::os::unix::net::UnixStream::connect(path)?;
    agent.write_all(b"ask\n")?;
    let mut answer = String::new();
    agent.read_to_string(&mut answer)?;
    print!("{answer}");
    Ok(())
}

fn fork_with(flags: usize) -> io::Result<()> {
    let child = call(libc::SYS_clone, [flags, 0, 0, 0, 0])?;
    if child == 0 {
        // SAFETY: ends the child at once, without running anything of this process.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: a null status is allowed.
    unsafe { libc::waitpid(child as i32, std::ptr::null_mut(), 0) };
    Ok(())
}

/// A made-up handle (CVE-2014-3570, "shocker").
fn open_by_handle() -> io::Result<()> {
    let folder = fs::File::open("/")?;
    let handle = [8_u32, 1, 2, 0];
    numbers(
        libc::SYS_open_by_handle_at,
        [
            folder.as_raw_fd() as usize,
            handle.as_ptr() as usize,
            0,
            0,
            0,
        ],
    )
}

/// `socketcall(SYS_SOCKET, AF_VSOCK, …)` of the 32-bit architecture, whose arguments a filter cannot see.
#[cfg(target_arch = "x86_64")]
fn socketcall32() -> io::Result<()> {
    // The structure has to lie where 32 bits reach.
    // SAFETY: a private mapping at an address of the kernel's choice in the low half.
    let page = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT,
            -1,
            0,
        )
    };
    if page == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let arguments = page.cast::<[u32; 3]>();
    // SAFETY: the page is ours and large enough.
    unsafe { arguments.write([libc::AF_VSOCK as u32, libc::SOCK_STREAM as u32, 0]) };
    let result: i32;
    // SAFETY: the 32-bit system call reads three words from the page; rbx, which the compiler keeps, is put back.
    unsafe {
        std::arch::asm!(
            "push rbx",
            "mov ebx, 1",
            "int 0x80",
            "pop rbx",
            inlateout("eax") 102 => result,
            in("ecx") arguments as usize as u32,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    if result < 0 {
        return Err(io::Error::from_raw_os_error(-result));
    }
    Ok(())
}

#[cfg(not(target_arch = "x86_64"))]
fn socketcall32() -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}

/// CVE-2019-5736, first half, in the helper's program file: keep the file open and become the probe.
fn hold_program() -> io::Result<()> {
    let path = c"/proc/self/exe".as_ptr() as usize;
    let opened = call(
        libc::SYS_openat,
        [libc::AT_FDCWD as usize, path, libc::O_PATH as usize, 0, 0],
    )?;
    call(libc::SYS_dup3, [opened as usize, HELD, 0, 0, 0])?;
    use std::os::unix::process::CommandExt;
    Err(std::process::Command::new(PATH)
        .args([PROBE, "change_program"])
        .exec())
}

/// The descriptor of the helper's program file.
const HELD: usize = 9;

/// The second half: change the file. Writing it is refused anyway as long as a wharf runs; its mode is not.
fn change_program() -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let file = format!("/proc/self/fd/{HELD}");
    let mode = fs::metadata(&file)?.permissions().mode();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode))
}

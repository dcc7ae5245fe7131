//! Attacks from inside a step, and from its image. Each is shown to work, or to have something to work on, where its
//! guard is off.

use std::fs;
use std::os::unix::fs::symlink;

use wharf_sandbox::{Error, Mount, Step, Tree};

use super::both;
use crate::harness::Case;
use crate::machine::Machine;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both(
            "c01_no_descriptor_of_the_host_is_open_in_a_step",
            c01_descriptors,
        ),
        both(
            "c01_a_working_directory_cannot_be_a_descriptor_of_the_host",
            c01_working_directory,
        ),
        both(
            "c02_a_link_in_an_image_stays_within_its_tree",
            c02_bind_of_link,
        ),
        both(
            "c03_a_cache_source_that_is_swapped_for_a_link_stays_in_its_folder",
            c03_swapped_source,
        ),
        both(
            "c07_links_instead_of_system_folders_are_refused",
            c07_system_links,
        ),
        both("c07_parts_of_proc_are_hidden_and_read_only", c07_masks),
        both("c08_dangerous_system_calls_are_refused", c08_system_calls),
        both(
            "c09_a_lower_layer_cannot_be_changed_through_a_step",
            c09_lower_layers,
        ),
    ]
}

fn c01_descriptors(machine: &Machine) {
    let mut step = machine.attack("open", &["list_descriptors"]);
    step.guards_off.forget_descriptor = true;
    let mut guarded = step.clone();
    step.guards_off.close_descriptors = true;
    let open = machine.run(&step);
    assert!(
        open.stdout.starts_with("descriptors [0, 1, 2, "),
        "{open:?}"
    );
    guarded.root = machine.attack("closed", &[]).root;
    let closed = machine.run(&guarded);
    assert!(
        closed.stdout.starts_with("descriptors [0, 1, 2]\n"),
        "{closed:?}"
    );
}

fn c01_working_directory(machine: &Machine) {
    fs::write(machine.path("canary"), "of the host").unwrap();
    for number in 0..40 {
        for cwd in [
            format!("/proc/self/fd/{number}"),
            format!("/proc/self/fd/{number}/../../../.."),
        ] {
            let mut step = machine.shell(
                "s",
                "pwd; cat ../../../../../canary ../../canary ../canary canary; ls -d .",
            );
            step.cwd = cwd.clone();
            match machine.sandbox.start_step(&machine.ids, &step) {
                Err(Error::Refused { .. } | Error::Setup { .. }) => {}
                Err(error) => panic!("{cwd}: {error:?}"),
                Ok(running) => {
                    let told = crate::machine::finish(running);
                    assert!(!told.stdout.contains("host"), "{cwd}: {told:?}");
                    assert!(told.stdout.starts_with("/"), "{cwd}: {told:?}");
                    assert!(!told.stderr.contains("unreachable"), "{cwd}: {told:?}");
                }
            }
        }
    }
}

fn c02_bind_of_link(machine: &Machine) {
    let canary = machine.path("canary");
    fs::create_dir(&canary).unwrap();
    let layer = machine.layer("image", |folder| {
        symlink("/", folder.join("rootdir")).unwrap();
        symlink(&canary, folder.join("canary")).unwrap();
        symlink("../../../../../../../../..", folder.join("up")).unwrap();
    });
    // What following the links from outside would reach.
    assert!(layer.join("canary").is_dir());
    let bind = |number: usize, source: &str| Mount::Bind {
        tree: machine.tree_over(vec![layer.clone()], &format!("scratch{number}")),
        source: source.to_owned(),
        target: "/x".to_owned(),
    };
    let mut step = machine.shell("s", "touch /x/P; ls -a /x");
    for (number, source) in ["/rootdir", "up", "rootdir/up/rootdir"]
        .into_iter()
        .enumerate()
    {
        step.mounts = vec![bind(number, source)];
        let told = machine.run(&step);
        assert!(
            told.stdout.contains("canary\n") && told.stdout.contains("P\n"),
            "{source}: {told:?}"
        );
        assert!(!std::path::Path::new("/P").exists());
        assert!(machine.path(&format!("scratch{number}/upper/P")).exists());
    }
    step.mounts = vec![bind(9, "canary")];
    let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
    assert!(error.to_string().contains("find canary"), "{error:?}");
    assert!(!canary.join("P").exists());
}

fn c03_swapped_source(machine: &Machine) {
    use std::sync::atomic::{AtomicBool, Ordering};
    let outside = machine.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("canary"), "of the host").unwrap();
    let cache = machine.layer("cache", |folder| {
        fs::create_dir(folder.join("dir")).unwrap()
    });
    symlink(&outside, cache.join("link")).unwrap();
    let stop = AtomicBool::new(false);
    let (mut folders, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        // A parallel stage that has the same cache.
        scope.spawn(|| {
            let (dir, link, source) = (cache.join("dir"), cache.join("link"), cache.join("sub"));
            while !stop.load(Ordering::Relaxed) {
                fs::rename(&dir, &source).unwrap();
                fs::rename(&source, &dir).unwrap();
                fs::rename(&link, &source).unwrap();
                fs::rename(&source, &link).unwrap();
            }
        });
        for number in 0..20 {
            let mut step = machine.shell(&format!("s{number}"), "ls -a /c");
            step.mounts = vec![Mount::Bind {
                tree: Tree::read_only(vec![cache.clone()]),
                source: "sub".to_owned(),
                target: "/c".to_owned(),
            }];
            match machine.sandbox.start_step(&machine.ids, &step) {
                Ok(running) => {
                    let told = crate::machine::finish(running);
                    assert!(!told.stdout.contains("canary"), "{told:?}");
                    folders += 1;
                }
                Err(Error::Setup { .. } | Error::Refused { .. }) => refused += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(folders + refused, 20);
    for source in ["../../outside", "/../../../outside", "link"] {
        let mut step = machine.shell("t", "ls -a /c");
        step.mounts = vec![Mount::Bind {
            tree: Tree::read_only(vec![cache.clone()]),
            source: source.to_owned(),
            target: "/c".to_owned(),
        }];
        let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
        assert!(matches!(error, Error::Setup { .. }), "{source}: {error:?}");
    }
}

fn c07_system_links(machine: &Machine) {
    for name in ["dev", "proc", "sys"] {
        for target in [
            "/etc",
            "/proc/self/fd",
            "../../../../../../etc",
            "/nonesuch",
            ".",
        ] {
            let layer = machine.layer(
                &format!("image-{name}-{}", target.replace('/', "_")),
                |folder| {
                    symlink(target, folder.join(name)).unwrap();
                },
            );
            let snapshot = format!("s-{name}-{}", target.replace('/', "_"));
            let root = machine.tree_over(vec![layer, machine.base()], &snapshot);
            let step = Step::new(root, ["/bin/true"]);
            let error = machine.sandbox.start_step(&machine.ids, &step).unwrap_err();
            assert!(
                matches!(error, Error::Refused { .. } | Error::Setup { .. }),
                "{name}: {error:?}"
            );
        }
    }
    // Devices are always the fresh ones, whatever the image has there.
    let layer = machine.layer("devices", |folder| {
        fs::create_dir(folder.join("dev")).unwrap();
        for name in ["null", "console", "pts", "shm", "zero"] {
            symlink("/proc/sysrq-trigger", folder.join("dev").join(name)).unwrap();
        }
    });
    let root = machine.tree_over(vec![layer, machine.base()], "t");
    let script = "for f in null zero full random urandom tty; do stat -c '%F %t:%T' /dev/$f; done; ls /dev; stat -c %F /dev/pts";
    let told = machine.run(&Step::new(root, ["/bin/sh", "-c", script]));
    let devices: Vec<&str> = told.stdout.lines().take(6).collect();
    let expected = ["1:3", "1:5", "1:7", "1:8", "1:9", "5:0"]
        .map(|number| format!("character special file {number}"));
    assert_eq!(devices, expected, "{told:?}");
    assert!(!told.stdout.contains("console"), "{told:?}");

    // A file of /etc that is a link to a file of /proc: the mount does not follow it there.
    let layer = machine.layer("etc-link", |folder| {
        fs::create_dir(folder.join("etc")).unwrap();
        symlink("/proc/version", folder.join("etc/hosts")).unwrap();
    });
    let root = machine.tree_over(vec![layer, machine.base()], "u");
    let error = machine
        .sandbox
        .start_step(&machine.ids, &Step::new(root, ["/bin/true"]))
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { .. } | Error::Setup { .. }),
        "{error:?}"
    );
}

fn c07_masks(machine: &Machine) {
    let script = "wc -c < /proc/interrupts; for p in sys bus fs irq; do grep -c \"^[a-z]* /proc/$p proc ro,\" /proc/mounts; done; \
                  echo x > /proc/sys/kernel/domainname; echo h > /proc/sysrq-trigger";
    let mut step = machine.shell("open", script);
    step.guards_off.masks = true;
    let open = machine.run(&step);
    assert!(!open.stdout.starts_with("0\n"), "{open:?}");
    let closed = machine.run(&machine.shell("closed", script));
    assert_eq!(closed.stdout, "0\n1\n1\n1\n1\n", "{closed:?}");
    assert!(
        closed.stderr.contains("domainname: Read-only"),
        "{closed:?}"
    );
}

const REFUSED: [&str; 19] = [
    "af_alg",
    "af_vsock",
    "af_vsock_high",
    "af_packet",
    "af_xdp",
    "socketcall32",
    "bpf",
    "io_uring_setup",
    "userfaultfd",
    "keyctl",
    "perf_event_open",
    "clone_newuser",
    "clone3",
    "mount",
    "fsopen",
    "setns",
    "open_by_handle_at",
    "read_kcore",
    "unshare_newuser",
];

fn c08_system_calls(machine: &Machine) {
    let mut step = machine.attack("open", &REFUSED);
    step.guards_off.seccomp = true;
    let open = machine.run(&step);
    for works in [
        "io_uring_setup",
        "clone_newuser",
        "unshare_newuser",
        "keyctl",
    ] {
        assert!(
            open.stdout.contains(&format!("{works} done\n")),
            "{works}: {open:?}"
        );
    }
    let closed = machine.run(&machine.attack("closed", &REFUSED));
    let lines: Vec<&str> = closed.stdout.lines().collect();
    assert_eq!(lines.len(), REFUSED.len(), "{closed:?}");
    for (line, name) in lines
        .iter()
        .zip(REFUSED)
        .filter(|(_, name)| *name != "read_kcore")
    {
        assert!(
            [format!("{name} EPERM"), format!("{name} ENOSYS")].contains(&(*line).to_owned()),
            "{line}: {closed:?}"
        );
    }
    assert!(!closed.stdout.contains("read_kcore done"), "{closed:?}");
    let allowed = machine.run(&machine.attack("allowed", &["af_inet", "clone_plain", "ptrace"]));
    assert_eq!(
        allowed.stdout, "af_inet done\nclone_plain done\nptrace done\n",
        "{allowed:?}"
    );
}

fn c09_lower_layers(machine: &Machine) {
    let layer = machine.layer("shared", |folder| {
        fs::write(folder.join("file"), "of all tenants").unwrap()
    });
    let root = |snapshot| machine.tree_over(vec![layer.clone(), machine.base()], snapshot);
    let script = "echo changed > /file; chmod 777 /file; x=$(cat /file); echo $x; \
                  dd if=/dev/zero of=/file conv=notrunc bs=4 count=1 2>/dev/null; truncate -s 2 /file; rm /file; \
                  for p in /proc/[0-9]*; do ls $p/root/m $p/cwd/m 2>/dev/null; done; grep -c /m/ /proc/mounts";
    let told = machine.run(&Step::new(root("one"), ["/bin/sh", "-c", script]));
    assert_eq!(told.stdout, "changed\n0\n", "{told:?}");
    assert_eq!(
        fs::read_to_string(layer.join("file")).unwrap(),
        "of all tenants"
    );
    let other = machine.run(&Step::new(root("two"), ["/bin/cat", "/file"]));
    assert_eq!(other.stdout, "of all tenants");
}

use super::*;

const SLOTS: Slots = Slots { all: 1, each: 1 };

fn waiting(namespace: NamespaceId, seconds: u64) -> Waiting {
    Waiting {
        build: BuildId::new(),
        namespace,
        usual: Some(Duration::from_secs(seconds)),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

#[test]
fn one_build_never_waits_behind_two_of_another_namespace() {
    let namespaces: Vec<_> = (0..20).map(|_| NamespaceId::new()).collect();
    let mut queue = Queue::default();
    // The first one fills the queue before anybody else comes.
    for (index, namespace) in namespaces.iter().enumerate() {
        let count = if index == 0 { 100 } else { 5 };
        queue
            .waiting
            .extend((0..count).map(|_| waiting(*namespace, 1)));
    }
    let order = queue.order();
    assert_eq!(order.len(), 195);
    for (index, namespace) in namespaces.iter().enumerate().skip(1) {
        let first = order
            .iter()
            .position(|it| it.namespace == *namespace)
            .unwrap();
        assert_eq!(first, index, "each of the others comes in the first round");
    }
    let own: Vec<_> = order
        .iter()
        .filter(|it| it.namespace == namespaces[0])
        .collect();
    let came: Vec<_> = queue.waiting.iter().take(100).collect();
    assert_eq!(own, came, "within a namespace the oldest comes first");
}

#[test]
fn who_just_had_a_turn_comes_after_who_had_none() {
    let (greedy, modest) = (NamespaceId::new(), NamespaceId::new());
    let mut queue = Queue {
        waiting: vec![waiting(greedy, 1), waiting(greedy, 1), waiting(modest, 1)],
        ..Queue::default()
    };
    let mut begun = Vec::new();
    for turn in 0.. {
        let Some(next) = queue.next(SLOTS) else { break };
        let index = queue
            .waiting
            .iter()
            .position(|it| it.build == next)
            .unwrap();
        let namespace = queue.waiting.remove(index).namespace;
        queue.last_turn.insert(namespace, at(turn));
        begun.push(namespace);
    }
    assert_eq!(begun, [greedy, modest, greedy]);
}

#[test]
fn limits_hold_for_all_and_for_each_namespace() {
    let (one, two) = (NamespaceId::new(), NamespaceId::new());
    let running = |namespace| Running {
        namespace,
        since: at(0),
        usual: None,
    };
    let queue = Queue {
        waiting: vec![waiting(one, 1), waiting(two, 1)],
        running: vec![running(one)],
        ..Queue::default()
    };
    assert_eq!(queue.next(Slots { all: 1, each: 1 }), None);
    let next = queue.next(Slots { all: 2, each: 1 });
    assert_eq!(next, Some(queue.waiting[1].build));
    let next = queue.next(Slots { all: 2, each: 2 });
    assert_eq!(next, Some(queue.waiting[0].build));
}

#[test]
fn expected_starts_follow_from_how_long_builds_used_to_take() {
    let namespace = NamespaceId::new();
    let mut queue = Queue {
        waiting: vec![
            waiting(namespace, 10),
            waiting(namespace, 10),
            waiting(namespace, 10),
        ],
        running: vec![Running {
            namespace,
            since: at(100),
            usual: Some(Duration::from_secs(30)),
        }],
        ..Queue::default()
    };
    let starts = |queue: &Queue| -> Vec<_> {
        let places = queue.places(SLOTS, at(120));
        assert_eq!(places[2].position, 3);
        places.into_iter().map(|place| place.starts_at).collect()
    };
    assert_eq!(
        starts(&queue),
        [Some(at(130)), Some(at(140)), Some(at(150))]
    );
    queue.waiting[1].usual = None;
    assert_eq!(starts(&queue), [Some(at(130)), Some(at(140)), None]);
}

#[test]
fn a_namespace_at_its_limit_begins_when_its_own_build_ends_and_others_go_before_it() {
    let (one, other) = (NamespaceId::new(), NamespaceId::new());
    let slots = Slots { all: 4, each: 1 };
    let mut queue = Queue {
        waiting: vec![waiting(one, 30), waiting(one, 30), waiting(other, 10)],
        ..Queue::default()
    };
    let show = |queue: &Queue| -> Vec<_> {
        let places = queue.places(slots, at(100)).into_iter();
        let places = places.map(|place| (place.build, place.position, place.starts_at));
        places.collect()
    };
    let [first, second, third] = [0, 1, 2].map(|index| queue.waiting[index].build);
    assert_eq!(
        show(&queue),
        [
            (first, 1, Some(at(100))),
            (third, 2, Some(at(100))),
            (second, 3, Some(at(130)))
        ]
    );
    // Nobody knows when the namespace's build ends: it keeps its turn, behind whoever goes before it.
    queue.waiting[0].usual = None;
    queue.waiting.push(waiting(other, 10));
    let last = queue.waiting[3].build;
    assert_eq!(
        show(&queue),
        [
            (first, 1, Some(at(100))),
            (third, 2, Some(at(100))),
            (last, 3, Some(at(110))),
            (second, 4, None)
        ]
    );
}

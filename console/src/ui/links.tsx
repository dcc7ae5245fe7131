// Links that look like Mantine's parts and go where the router knows.
import { Anchor, Button, type ButtonProps, NavLink } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentProps } from 'react';
import icon from './IconButton.module.css';

/** A link in text or in a cell. */
export const TextLink = createLink(Anchor<'a'>);

/** A link that is the action of a place: `<ButtonLink to="/images/-/new">`. */
export const ButtonLink = createLink((props: ButtonProps & ComponentProps<'a'>) => <Button component="a" {...props} />);

/** The same as an icon alone; it needs an `aria-label`. */
export const IconLink = createLink((props: ComponentProps<'a'>) => <a {...props} className={icon.button} />);

/** An entry of the sidebar. */
export const NavItem = createLink(NavLink<'a'>);
